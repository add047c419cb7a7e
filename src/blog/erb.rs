//! Ruby within a text, as Middleman has it (`x.html.md.erb`).

use super::shortcode::Stripped;

/// Leaves out every `<% … %>` of `source`: it is run before the text is read, within
/// code too. A comment is missed by nobody, and `<%%` stands for `<%`.
pub fn strip(source: &str) -> Stripped {
    let mut stripped = Stripped::default();
    let mut rest = source;
    while let Some((before, tag)) = rest.split_once("<%") {
        stripped.text.push_str(before);
        if let Some(after) = tag.strip_prefix('%') {
            stripped.text.push_str("<%");
            rest = after;
            continue;
        }
        let Some((code, after)) = tag.split_once("%>") else {
            rest = &rest[before.len()..];
            break;
        };
        if let Some(name) = name_of(code) {
            stripped.name(name);
        }
        rest = after;
    }
    stripped.text.push_str(rest);
    stripped
}

/// What `code` calls: `image_tag` of `= image_tag "a.png"`. What only ends something
/// has no name of its own.
fn name_of(code: &str) -> Option<&str> {
    let code = code.trim_start_matches(['-', '=', ' ', '\n', '\t']);
    let end = code.find(|c: char| !c.is_alphanumeric() && c != '_');
    let name = &code[..end.unwrap_or(code.len())];
    let is_end = ["", "end", "else"].contains(&name);
    (!code.starts_with('#') && !is_end).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ruby_is_left_out_and_named_once() {
        let text = "A <%= image_tag 'a.png' %>B\n<%# no %><% if x -%>\nC\n<% end %>`<%= image_tag %>` <%% <% D";
        let stripped = strip(text);
        assert_eq!(stripped.text, "A B\n\nC\n`` <% <% D");
        assert_eq!(stripped.left_out, ["image_tag", "if"]);
    }
}
