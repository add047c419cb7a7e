//! Routes that know by which names their paths begin.

use axum::Router;
use axum::routing::MethodRouter;

/// Some routes, and the first part of the path of each.
#[derive(Debug, Clone)]
pub struct Room<S = ()> {
    pub routes: Router<S>,
    names: Vec<&'static str>,
}

impl<S: Clone + Send + Sync + 'static> Default for Room<S> {
    fn default() -> Self {
        Self {
            routes: Router::new(),
            names: vec![],
        }
    }
}

impl<S: Clone + Send + Sync + 'static> Room<S> {
    /// Adds the route of `path`, as axum writes it.
    pub fn route(mut self, path: &'static str, methods: MethodRouter<S>) -> Self {
        self.names.extend(first(path));
        self.routes = self.routes.route(path, methods);
        self
    }

    pub fn with_state(self, state: S) -> Room {
        Room {
            routes: self.routes.with_state(state),
            names: self.names,
        }
    }

    pub fn merge(mut self, other: Self) -> Self {
        self.names.extend(other.names);
        self.routes = self.routes.merge(other.routes);
        self
    }

    /// Whether one of the routes may be that of `path`.
    pub fn may_answer(&self, path: &str) -> bool {
        first(path).is_some_and(|name| self.names.contains(&name))
    }
}

/// The first part of a path.
fn first(path: &str) -> Option<&str> {
    path.strip_prefix('/')?.split('/').next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;

    #[test]
    fn a_room_is_known_by_the_first_part_of_its_paths() {
        let room = Room::<()>::default()
            .route("/confirm/{token}", get(async || "yes"))
            .merge(Room::default().route("/page.css", get(async || "")));
        for path in ["/confirm/x.y", "/confirm", "/confirm/", "/page.css"] {
            assert!(room.may_answer(path), "{path}");
        }
        for path in ["/", "", "*", "/atom.xml", "/x/confirm", "confirm"] {
            assert!(!room.may_answer(path), "{path}");
        }
    }
}
