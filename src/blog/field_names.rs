//! What the programs that people come from call the fields of a post.

/// The names of the day of publication, the first that is there wins.
pub const PUBLISHED: [&str; 14] = [
    "date",
    "publishdate",
    "pubdate",
    "published",
    "pubdatetime",
    "publish_date",
    "datepublished",
    "publishedat",
    "published_at",
    "published_date",
    "dateposted",
    "createdat",
    "created_at",
    "created",
];
/// Of the last change.
pub const UPDATED: [&str; 17] = [
    "lastmod",
    "updated",
    "modified",
    "last_modified_at",
    "last-modified",
    "updated_at",
    "last_updated",
    "date_modified",
    "lastmodified",
    "last_modified",
    "date_updated",
    "datemodified",
    "last_update.date",
    "updateddate",
    "moddatetime",
    "updatedat",
    "lastupdated",
];
/// Of the day after which it is not shown any more.
pub const EXPIRES: [&str; 4] = ["expirydate", "unpublishdate", "expires", "expiry"];
/// Of those who wrote it; the settings may name others before them.
pub const AUTHORS: [&str; 14] = [
    "authors",
    "author",
    "author_staff_member",
    "editors",
    "attribution",
    "speaker",
    "speakers",
    "creator",
    "extra.authors",
    "extra.author",
    "extra.editors",
    "taxonomies.authors",
    "params.authors",
    "params.author",
];
pub const TAGS: [&str; 7] = [
    "tags",
    "tag",
    "categories",
    "taxonomies.tags",
    "taxonomies.categories",
    "keywords",
    "category",
];
pub const DESCRIPTION: [&str; 4] = ["description", "summary", "excerpt", "subtitle"];
pub const COVER: [&str; 13] = [
    "cover",
    "image",
    "cover.image",
    "cover.src",
    "image.src",
    "image.path",
    "thumbnail",
    "featured_image",
    "heroimage",
    "ogimage",
    "featuredimage",
    "coverimage",
    "banner",
];
pub const LANGUAGE: [&str; 3] = ["language", "lang", "locale"];
/// A path in one of these is the post's address; a Zola post has its day there.
pub const ADDRESS: [&str; 3] = ["url", "permalink", "path"];
pub const SLUG: [&str; 1] = ["slug"];
