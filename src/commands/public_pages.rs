//! The pages of subscriptions, as the settings want them.

use std::sync::Arc;

use super::context::Context;
use super::next_issue::config;
use super::report::Failure;
use crate::config::newsletter::Newsletter;
use crate::problem::Problem;
use crate::store::database::Store;
use crate::store::requests::Limits;
use crate::templates::files::Templates;
use crate::templates::words::Words;
use crate::web::subscriptions::pages::{Pages, Place};
use crate::web::subscriptions::reception::Reception;

/// Everything that the pages need.
///
/// # Errors
///
/// With exit code 78 where a template is wrong.
pub fn reception(
    store: &Store,
    newsletter: &Newsletter,
    context: &Context,
) -> Result<Arc<Reception>, Failure> {
    let settings = &context.config;
    let meetups = settings.meetups.iter();
    let place = Place {
        base: settings.serve.base(&settings.site.url).clone(),
        zone: settings.zone(),
        cities: meetups.map(|meetup| meetup.city.to_string()).collect(),
    };
    warn_of_other_links(newsletter, context);
    let site = (&settings.site, newsletter);
    let pages = Pages::new(&settings.templates(), site, place).map_err(config)?;
    let limits = Limits {
        per_network: settings.subscriptions.per_network.get(),
        in_all: settings.subscriptions.per_hour.get(),
    };
    Ok(Arc::new(Reception::new(
        (store.clone(), context.clock),
        pages,
        (
            limits,
            settings.subscriptions.keep_ip,
            settings.serve.proof_of_work,
        ),
        settings.site.url.origin().ascii_serialization(),
    )))
}

/// A form for the pages of the site, which leads to the one of [`reception`].
///
/// # Errors
///
/// With exit code 78 where the words cannot be read.
pub fn form(newsletter: &Newsletter, context: &Context) -> Result<String, Failure> {
    let settings = &context.config;
    let language = &settings.site.language;
    let templates = Templates::new(&settings.templates());
    let words = Words::load(&templates, language).map_err(config)?;
    let title = newsletter.title.as_ref().unwrap_or(&settings.site.title);
    let base = settings.serve.base(&settings.site.url);
    let view = serde_json::json!({
        "url": format!("{base}subscribe?lang={language}"),
        "title": words.fill("join_title", &[("newsletter", title.as_str())]),
        "language": language,
    });
    let view = serde_json::json!({ "form": view, "words": words });
    templates.render("web/form.html", &view).map_err(config)
}

/// Mails whose links lead elsewhere cannot be left by these pages.
fn warn_of_other_links(newsletter: &Newsletter, context: &Context) {
    let settings = &context.config;
    let own = format!(
        "{}unsubscribe/:token",
        settings.serve.base(&settings.site.url)
    );
    let link = newsletter.unsubscribe_link(settings.serve.base(&settings.site.url), ":token");
    if link != own {
        let message =
            format!("the unsubscribe links of mails lead to {link}, and not to this server, {own}");
        let help = "leave [newsletter] unsubscribe out, and set [serve] url; or see to it that the one is led to the other";
        context.warn(&[Problem::new(message, help)]);
    }
}
