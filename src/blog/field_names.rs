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
pub const EXPIRES: [&str; 5] = [
    "expirydate",
    "unpublishdate",
    "unpublish_date",
    "expires",
    "expiry",
];
/// Of those who wrote it; the settings may name others before them.
pub const AUTHORS: [&str; 16] = [
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
    "taxonomy.author",
    "params.authors",
    "params.author",
    "metadata.author",
];
pub const TAGS: [&str; 9] = [
    "tags",
    "tag",
    "categories",
    "taxonomies.tags",
    "taxonomies.categories",
    "taxonomy.tag",
    "taxonomy.category",
    "keywords",
    "category",
];
pub const DESCRIPTION: [&str; 4] = ["description", "summary", "excerpt", "subtitle"];
pub const COVER: [&str; 15] = [
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
    "hero_image",
    "header_image_file",
];
pub const LANGUAGE: [&str; 3] = ["language", "lang", "locale"];
/// A path in one of these is the post's address; a Zola post has its day there.
pub const ADDRESS: [&str; 3] = ["url", "permalink", "path"];
pub const SLUG: [&str; 1] = ["slug"];
