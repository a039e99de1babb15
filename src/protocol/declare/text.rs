//! Doc comments as markdown: the lines of a paragraph joined, lists and code left alone.

/// Joins the lines of each paragraph, because a terminal or web page breaks lines by its own width.
pub fn fold(doc: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let (mut in_code, mut goes_on) = (false, false);
    for line in doc.trim().lines() {
        let fence = line.trim_start().starts_with("```");
        let alone = in_code || fence || line.trim().is_empty();
        match lines.last_mut() {
            Some(last) if goes_on && !alone && !starts_block(line) => {
                last.push(' ');
                last.push_str(line.trim());
            }
            _ => lines.push(line.trim_end().to_owned()),
        }
        goes_on = !alone;
        in_code ^= fence;
    }
    lines.join("\n")
}

fn starts_block(line: &str) -> bool {
    ["- ", "* ", "|", ">", "#", "    "].iter().any(|block| line.starts_with(block))
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn lines_of_a_paragraph_are_joined() {
        assert_eq!(fold("One\ntwo.\n\nThree\nfour."), "One two.\n\nThree four.");
    }

    #[test]
    fn lists_and_code_keep_their_lines() {
        assert_eq!(fold("Either:\n- one,\n  long\n- two"), "Either:\n- one, long\n- two");
        assert_eq!(fold("So:\n```hcl\na = 1\nb = 2\n```\nor\nnot"), "So:\n```hcl\na = 1\nb = 2\n```\nor not");
    }
}
