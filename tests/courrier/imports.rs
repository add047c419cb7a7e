//! What a file of Rust imports, read off its text.

/// `src/blog/post.rs` is `["blog", "post"]`, `src/blog/mod.rs` is `["blog"]`.
pub fn module_of(file: &str) -> Vec<String> {
    let path = file.trim_start_matches("src/").trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    let root = ["lib", "main"].contains(&path);
    if root {
        Vec::new()
    } else {
        path.split('/').map(str::to_owned).collect()
    }
}

/// Every path below `crate::`, `super::` or `courrier::` that the file names, from the root of the crate.
pub fn imports(file: &str, code: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for root in ["crate::", "courrier::", "super::"] {
        for (at, _) in code.match_indices(root) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            let mut module = if root == "super::" {
                module_of(file)
            } else {
                Vec::new()
            };
            let mut rest = &code[at + root.len()..];
            if root == "super::" {
                module.pop();
                while let Some(higher) = rest.strip_prefix("super::") {
                    module.pop();
                    rest = higher;
                }
            }
            read_tree(rest, &module, &mut found);
        }
    }
    found
}

/// Reads one use-tree, `a::B`, `a::{B, c::D}` or `*`, below `module`; gives what follows it.
fn read_tree<'a>(text: &'a str, module: &[String], found: &mut Vec<Vec<String>>) -> &'a str {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = rest.trim_start().trim_start_matches(',').trim_start();
            match rest.strip_prefix('}') {
                Some(after) => return after,
                None if rest.is_empty() => return rest,
                None => rest = skip_alias(read_tree(rest, module, found)),
            }
        }
    }
    let end = text
        .find(|c: char| !c.is_alphanumeric() && c != '_' && c != '*')
        .unwrap_or(text.len());
    let mut path = module.to_vec();
    path.push(text[..end].to_owned());
    match text[end..].strip_prefix("::") {
        Some(rest) if end > 0 && !rest.starts_with('<') => read_tree(rest, &path, found),
        _ => {
            found.push(path);
            &text[end.max(usize::from(end == 0 && !text.is_empty()))..]
        }
    }
}

fn skip_alias(rest: &str) -> &str {
    let Some(name) = rest.trim_start().strip_prefix("as ") else {
        return rest;
    };
    name.trim_start()
        .trim_start_matches(|c: char| c.is_alphanumeric() || c == '_')
}

/// Whether the file imports or declares a module whose name is that of a library.
pub fn knows_module(file: &str, code: &str, name: &str) -> bool {
    let imported = imports(file, code).into_iter().any(|mut path| {
        path.pop_if(|last| last == "self");
        path.last().is_some_and(|last| last == name)
    });
    imported || code.contains(&format!("mod {name};"))
}
