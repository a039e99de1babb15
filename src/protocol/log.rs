//! Logs as Terraform reads them: one JSON object per line on stderr, in the form of HashiCorp's hclog.
//!
//! Terraform is picky: a timestamp without exactly six fractional digits makes the line plain text, and an `@` key
//! that isn't a string crashes it. What must stay secret must not be logged in the first place; nothing is masked here.

use std::fmt::Debug;
use std::io::Write;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

/// Libraries that tell too much, secrets among it, below a warning. Targets are matched by their beginning.
const TALKATIVE: [&str; 8] = ["aws_", "h2", "hyper", "rustls", "tokio", "tonic", "tower", "want"];

/// Logs from here on, if Terraform is asked for the logs of providers.
pub fn start(provider: &str) {
    let level = level(provider, |name| std::env::var(name).ok());
    let capped = level.min(LevelFilter::WARN);
    let filter = Targets::new().with_default(level).with_targets(TALKATIVE.map(|target| (target, capped)));
    // Refused only where something logs already, as tests do.
    let _ = tracing_subscriber::registry().with(Hclog { out: std::io::stderr }.with_filter(filter)).try_init();
}

/// The first of the three variables that is set decides, as with providers written in Go.
fn level(provider: &str, variable: impl Fn(&str) -> Option<String>) -> LevelFilter {
    let own = format!("TF_LOG_PROVIDER_{}", provider.to_uppercase().replace('-', "_"));
    let asked = [own.as_str(), "TF_LOG_PROVIDER", "TF_LOG"]
        .into_iter()
        .find_map(|name| variable(name).filter(|level| !level.is_empty()));
    match asked.as_deref().map(str::to_uppercase).as_deref() {
        None | Some("OFF") => LevelFilter::OFF,
        Some("ERROR") => LevelFilter::ERROR,
        Some("WARN") => LevelFilter::WARN,
        Some("INFO") => LevelFilter::INFO,
        Some("DEBUG") => LevelFilter::DEBUG,
        Some(_) => LevelFilter::TRACE, // Terraform's reading of what it doesn't know, and of "JSON"
    }
}

struct Hclog<W> {
    out: W,
}

impl<S, W> Layer<S> for Hclog<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut line = Fields::default();
        // Outermost first: what is told nearer to the event prevails.
        for span in context.event_scope(event).into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(fields) = span.extensions().get::<Fields>() {
                line.0.extend(fields.0.clone());
            }
        }
        event.record(&mut line);
        let message = match line.0.remove("message") {
            Some(Value::String(message)) => message,
            Some(other) => other.to_string(),
            None => event.metadata().name().to_owned(),
        };
        let mut timestamp = String::new();
        let _ = SystemTime.format_time(&mut Writer::new(&mut timestamp));
        line.0.insert("@level".into(), event.metadata().level().as_str().to_lowercase().into());
        line.0.insert("@message".into(), message.into());
        line.0.insert("@module".into(), event.metadata().target().into());
        line.0.insert("@timestamp".into(), timestamp.into());
        // One write for each line, so that lines of other threads don't mix in. Nobody to tell if it fails.
        let _ = self.out.make_writer().write_all(format!("{}\n", Value::Object(line.0)).as_bytes());
    }
}

/// What was told about a span or an event.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.put(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Seek};
    use std::sync::Arc;

    use super::*;

    /// Runs `what` and gives back the lines it logged.
    fn logged(what: impl FnOnce()) -> Vec<Value> {
        let file = Arc::new(tempfile::tempfile().unwrap());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(Hclog { out: file.clone() }), what);
        let mut text = String::new();
        (&*file).rewind().unwrap();
        (&*file).read_to_string(&mut text).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn a_line_carries_what_terraform_needs_and_the_fields_of_all_spans() {
        let lines = logged(|| {
            let outer = tracing::info_span!("rpc", rpc = "apply", key = "outer");
            let inner = outer.in_scope(|| tracing::info_span!("step", key = "inner", later = tracing::field::Empty));
            inner.record("later", 7);
            inner.in_scope(|| tracing::warn!(retry = true, "line {}", "one\ntwo"));
        });
        let [line] = &lines[..] else { panic!("{lines:?}") };
        assert_eq!(line["@level"], "warn");
        assert_eq!(line["@message"], "line one\ntwo");
        assert_eq!(line["@module"], module_path!());
        assert_eq!((&line["rpc"], &line["key"]), (&"apply".into(), &"inner".into()));
        assert_eq!((&line["later"], &line["retry"]), (&7.into(), &true.into()));
        let timestamp = line["@timestamp"].as_str().unwrap();
        let (_, fraction) = timestamp.strip_suffix('Z').unwrap().rsplit_once('.').unwrap();
        assert_eq!((timestamp.len(), fraction.len()), ("2006-01-02T15:04:05.000000Z".len(), 6));
    }

    #[test]
    fn the_nearest_variable_decides_the_level() {
        let with = |set: &[(&str, &str)]| {
            level("web-app", |name| set.iter().find(|(key, _)| *key == name).map(|(_, level)| (*level).to_owned()))
        };
        assert_eq!(with(&[]), LevelFilter::OFF);
        assert_eq!(with(&[("TF_LOG", "info")]), LevelFilter::INFO);
        assert_eq!(with(&[("TF_LOG", "JSON")]), LevelFilter::TRACE);
        assert_eq!(with(&[("TF_LOG", "info"), ("TF_LOG_PROVIDER", "off")]), LevelFilter::OFF);
        assert_eq!(with(&[("TF_LOG", "info"), ("TF_LOG_PROVIDER", "")]), LevelFilter::INFO);
        assert_eq!(with(&[("TF_LOG_PROVIDER", "warn"), ("TF_LOG_PROVIDER_WEB_APP", "debug")]), LevelFilter::DEBUG);
    }
}
