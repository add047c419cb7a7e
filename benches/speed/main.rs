//! What one post costs, step by step: `cargo bench`, or `cargo bench -- feeds` for one of them.

mod blog;
mod bodies;
mod feeds;
mod fields;
mod lock;
mod messages;
mod published;
mod store;

fn main() {
    divan::main();
}
