//! What an image does, by its tag or by words after a `?` (joined by `&`): nothing is pulled here, so the name is the script.
//!
//! | word | what happens |
//! |---|---|
//! | `fails-to-pull` | the task stops with CannotPullContainerError |
//! | `wrong-architecture` | the same, for want of a manifest for the platform |
//! | `exits-N-after-Ts` | the container exits with code N, T seconds after its start |
//! | `never-healthy` | runs, but its health checks never succeed |
//! | `slow-Ts` | answers its health checks T seconds after its start |
//! | `out-of-memory` | is killed 10 s after its start with code 137; `out-of-memory-after-Ts` chooses the time |
//!
//! Any other name is a well-behaved server.

#[derive(Clone, Debug, PartialEq)]
pub struct Behaviour {
    /// Why it can't be pulled.
    pub pull: Option<String>,
    /// Seconds to the first good answer; none is never.
    pub answers_after: Option<f64>,
    /// Seconds to the end, exit code, and the container's reason.
    pub exit: Option<(f64, i64, Option<&'static str>)>,
}

const KILLED: &str = "OutOfMemoryError: Container killed due to memory usage";

pub fn behaviour(image: &str) -> Behaviour {
    let mut behaviour = Behaviour { pull: None, answers_after: Some(0.0), exit: None };
    let (name, query) = image.split_once('?').unwrap_or((image, ""));
    let last = name.rsplit('/').next().unwrap_or_default();
    let tag = last.split('@').next().unwrap_or_default().split_once(':').map_or("", |(_, tag)| tag);
    for word in query.split('&').chain([tag]) {
        apply(&mut behaviour, word, name);
    }
    behaviour
}

fn apply(behaviour: &mut Behaviour, word: &str, name: &str) {
    let seconds = |text: &str| text.strip_suffix('s')?.parse::<u32>().ok().map(f64::from);
    match word {
        // Texts from the Developer Guide, "CannotPullContainer task errors".
        "fails-to-pull" => behaviour.pull = Some(format!("failed to resolve ref {name}: {name}: not found")),
        "wrong-architecture" => {
            behaviour.pull = Some("image Manifest does not contain descriptor matching platform 'linux/amd64'".into());
        }
        "never-healthy" => behaviour.answers_after = None,
        "out-of-memory" => behaviour.exit = Some((10.0, 137, Some(KILLED))),
        _ => {
            if let Some(after) = word.strip_prefix("slow-").and_then(seconds) {
                behaviour.answers_after = Some(after);
            } else if let Some(after) = word.strip_prefix("out-of-memory-after-").and_then(seconds) {
                behaviour.exit = Some((after, 137, Some(KILLED)));
            } else if let Some((code, after)) = word.strip_prefix("exits-").and_then(|rest| rest.split_once("-after-"))
            {
                let exit = code.parse::<u8>().ok().zip(seconds(after));
                behaviour.exit = exit.map(|(code, after)| (after, i64::from(code), None)).or(behaviour.exit);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_the_script() {
        let well = Behaviour { pull: None, answers_after: Some(0.0), exit: None };
        for name in
            ["nginx", "nginx:1.27", "registry:5000/app", "app@sha256:00", "app:slow-s", "app:exits-x-after-1s", ""]
        {
            assert_eq!(behaviour(name), well, "{name}");
        }
        assert!(behaviour("app:fails-to-pull").pull.is_some());
        assert!(behaviour("app:wrong-architecture").pull.unwrap().contains("linux/amd64"));
        assert_eq!(behaviour("host:5000/app:exits-3-after-5s").exit, Some((5.0, 3, None)));
        assert_eq!(behaviour("app:never-healthy").answers_after, None);
        assert_eq!(behaviour("app:1?slow-300s&exits-0-after-900s").answers_after, Some(300.0));
        assert_eq!(behaviour("app:1?slow-300s&exits-0-after-900s").exit, Some((900.0, 0, None)));
        assert_eq!(behaviour("app:out-of-memory").exit.unwrap().1, 137);
        assert_eq!(behaviour("app:out-of-memory-after-60s").exit.unwrap().0, 60.0);
    }
}
