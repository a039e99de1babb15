//! Deletes one stack: imports it, reads it, and destroys it, through the resource itself. So whatever keeps Terraform from
//! destroying a service (the lease of another operation, deletion protection, guests) keeps this from it too.

use std::io::{BufRead, Write};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::RwLock;
use tokio_util::sync::CancellationToken;

use super::tell::{self, Told};
use super::{Failed, diagnose};
use crate::aws::owner::Tags;
use crate::aws::stacks::Stack;
use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::provider::{Answer, Context, Held, Resource};
use crate::protocol::value::Value;
use crate::provider::config::Session;
use crate::provider::web_service::{WebService, import};

/// Between two words on how far it has come.
const PROGRESS: Duration = Duration::from_secs(5);

pub async fn remove(session: Session, stop: &CancellationToken, which: &str, yes: bool) -> Result<(), Failed> {
    let identity = import::identity(&session, which)?;
    let looking = session.looking(stop);
    let stack = Stack::of(&looking.aws, looking.owner(&identity.name, Tags::new())).await;
    let stack = stack.map_err(|error| diagnose::error("Could not look for the stack", &error))?;
    let Some(stack) = stack else {
        let why = format!("There is no stack {identity}. Without an argument, `stacks` lists those that there are.");
        return Err(Diagnostic::error("Nothing to remove", why).into());
    };
    if !stack.survey.unseen.is_empty() {
        return Err(Failed(diagnose::unseen(stack.survey.unseen.iter())));
    }

    let service = WebService::new(Arc::new(RwLock::new(Some(session))));
    let service = service.map_err(|error| Diagnostic::error("A bug in this provider", error.to_string()))?;
    let mut context = Context::default();
    context.stop = stop.child_token();
    let begun = fine(service.import(&context, identity.to_string()).await)?;
    let state = fine(service.read(&context, begun).await)?;
    // Protection is told before anybody is asked.
    let plan = fine(service.plan_destroy(&context, state.clone()).await)?;

    let told = Told::of(&stack);
    let (count, name) = (told.objects.len(), &identity.name);
    write!(std::io::stdout(), "These {count} objects of {identity} will be deleted:\n\n{}\n", tell::objects(&told))?;
    if !yes && !agreed(name, stop).await? {
        return Err(Diagnostic::error("Nothing was deleted", format!("{name:?} was not typed.")).into());
    }
    let deleting = service.delete(&context, state.value, plan.private);
    fine(with_progress(&context, deleting).await?)?;
    writeln!(std::io::stdout(), "{identity} is deleted: nothing of it is left.")?;
    Ok(())
}

/// What was reached, if nothing failed. Warnings are told, and go on.
fn fine(answer: Answer) -> Result<Held, Failed> {
    let (errors, warnings) = answer.diagnostics.into_iter().partition::<Vec<_>, _>(Diagnostic::is_error);
    if !errors.is_empty() {
        return Err(Failed(errors));
    }
    if !warnings.is_empty() {
        write!(std::io::stderr(), "{}", Failed(warnings))?;
    }
    Ok(answer.held)
}

/// Whether the user types the stack's name. Ctrl-C is an answer too.
async fn agreed(name: &str, stop: &CancellationToken) -> Result<bool, Failed> {
    let mut out = std::io::stdout();
    write!(out, "Type the stack's name to delete them: ")?;
    out.flush()?;
    let line = tokio::task::spawn_blocking(|| std::io::stdin().lock().lines().next().transpose());
    let line = tokio::select! {
        line = line => line.map_err(std::io::Error::other)??,
        // Nobody waits for the thread that reads: it ends with the process.
        () = stop.cancelled() => {
            writeln!(out)?;
            return Err(Diagnostic::error("Interrupted", "Nothing was deleted.").into());
        }
    };
    Ok(line.is_some_and(|line| line.trim() == name))
}

/// Waits for the deletion, and says now and then how much is left.
async fn with_progress(context: &Context, deleting: impl Future<Output = Answer>) -> Result<Answer, Failed> {
    let mut deleting = std::pin::pin!(deleting);
    let mut told = None;
    loop {
        tokio::select! {
            answer = &mut deleting => return Ok(answer),
            () = tokio::time::sleep(PROGRESS) => {
                let left = context.recorded().map(|held| left(&held.value));
                if left.is_some() && left != told {
                    writeln!(std::io::stdout(), "{} objects left", left.unwrap_or_default())?;
                    told = left;
                }
            }
        }
    }
}

fn left(state: &Value) -> usize {
    match state.member("objects") {
        Value::Map(objects) => objects.len(),
        _ => 0,
    }
}
