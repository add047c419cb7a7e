//! The rules of a message that is read by everybody, everywhere.

use super::place::Blame;
use crate::check::finding::{About, Found, Severity, rules};

rules! { MailRule
    Size Warning "mail/size"
        "The HTML of a message has less than 80 kB"
        "Gmail cuts off what is beyond 102 kB, and with it the unsubscribe link."
        "Announce fewer posts at once (`max_posts`), or shorten the templates."
        "Gmail clips at 102 kB; as measured by senders"
    Clipped Error "mail/clipped"
        "The HTML of a message has less than 100 kB"
        "Gmail cuts off the end, and with it the unsubscribe link."
        "Announce fewer posts at once (`max_posts`), or shorten the templates."
        "Gmail clips at 102 kB; as measured by senders"
    NoAlt Error "mail/image-without-alt"
        "Every image has an `alt`"
        "Who has images off, or listens, hears the name of a file in its place."
        "Write `alt=\"what it shows\"`; `alt=\"\"` where it only decorates."
        "WCAG 2.2, 1.1.1"
    Image Error "mail/image-address"
        "Images have whole addresses, by https"
        "No mail program finds a relative one; those on the web do not fetch by http."
        "Write https:// and the whole address."
        "practice"
    Unnamed Error "mail/link-without-text"
        "Every link has words, or an image with an `alt`"
        "Who listens hears the address, letter by letter."
        "Write words between `<a …>` and `</a>`, or an `aria-label`."
        "WCAG 2.2, 2.4.4"
    Vague Warning "mail/vague-link"
        "The words of a link say where it leads"
        "Who goes from link to link hears `here, here, here`."
        "Write what is there: the title of the post, say."
        "WCAG 2.2, 2.4.4"
    Address Error "mail/link-address"
        "A link leads to a whole address"
        "In a mail a relative address leads nowhere; scripts are cut out."
        "Write https:// and the whole address, or mailto: and the address."
        "RFC 3986 §4.2"
    Contrast Warning "mail/contrast"
        "Text stands out from its ground, 4.5 to 1, or 3 to 1 where it is large"
        "In the sun, on old screens and with old eyes it cannot be read."
        "Take a darker or a lighter colour for one of them."
        "WCAG 2.2, 1.4.3"
    LongSubject Warning "mail/long-subject"
        "A subject has at most 70 characters"
        "Inboxes cut it off: phones show about 40 characters, wide screens about 70."
        "Set a subject of its own, or shorten the title of the newest post; say first what matters."
        "as measured by senders"
    NoSubject Error "mail/no-subject"
        "A message has a subject"
        "Nobody opens it, and filters take it for junk."
        "Write `subject_one` and its fellows into the file of words."
        "RFC 5322 §3.6.5"
    Preheader Warning "mail/preheader"
        "A preheader has between 40 and 140 characters"
        "Inboxes fill what is left with whatever comes next, or cut it off."
        "Say in about 90 characters what is inside (`preheader` in the file of words)."
        "as measured by senders"
    Law Error "mail/sender"
        "Both parts name the sender, a mailing address and a way to reach them"
        "The law of Canada asks for it (CASL), and that of many other countries."
        "Put `digest.sender` back into footer.html and footer.txt."
        "SOR/2012-36 s. 2(1)"
    Placeholder Error "mail/placeholder"
        "Nothing is left of what a template would fill"
        "All readers see the bones of the template."
        "Mend the template or the file of words: a hole there is `{name}`, in a template `{{ name }}`."
        "practice"
    Unfinished Warning "mail/unfinished"
        "Nothing is left of what somebody still meant to write"
        "All readers see it."
        "Write what was meant, or take it out."
        "practice"
    NoLanguage Error "mail/language"
        "The message says its language"
        "Programs that read aloud read it in the wrong language."
        "Write `lang=\"{{ digest.language }}\"` into the first element of the body as well as into `<html>`."
        "WCAG 2.2, 3.1.1"
    ForeignTitle Warning "mail/language-of-post"
        "What is in another language says so"
        "Programs that read aloud read it in the wrong language."
        "Write `lang=\"{{ post.language }}\"` into the element around it."
        "WCAG 2.2, 3.1.2"
    Headings Warning "mail/headings"
        "There is one `h1`, and no level of headings is left out"
        "Who listens goes from heading to heading, and gets lost."
        "Use `h1` for the title, `h2` for a section, `h3` for a post."
        "WCAG 2.2, 1.3.1"
    LayoutTable Warning "mail/layout-table"
        "A table that only lays out says so"
        "Who listens hears rows and columns counted."
        "Write `role=\"presentation\"` into the table."
        "WAI-ARIA 1.2, presentation"
}

impl MailRule {
    /// This rule is broken, as `says` tells, by what stands beside a clue.
    pub fn blame<S: Into<String>>(
        self,
        says: impl Into<String>,
        clues: impl IntoIterator<Item = S>,
    ) -> Blame {
        Blame {
            about: self.about(),
            says: says.into(),
            clues: clues.into_iter().map(Into::into).collect(),
        }
    }
}
