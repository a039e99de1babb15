//! The first half of a replacement whose second half goes on with what stands: a delete that deletes next to nothing.
//!
//! What hangs on an object that the user gave (a certificate, a role, a subnet) goes, if the plan of the create doesn't name
//! that very object again: Terraform may be about to delete it, and AWS wouldn't let it go while it is used. What the plan
//! names again, id for id, is not going to be replaced: there, all is kept.

use std::collections::BTreeSet;

use super::{Operation, Value, diagnose, records, typed};
use crate::aws::diff::Records;
use crate::aws::graph::Graph;
use crate::aws::lease;
use crate::aws::objects::anchor::{Anchor, Status};
use crate::aws::owner::Identity;
use crate::protocol::diagnostic::Diagnostic;
use crate::protocol::provider::{Answer, Context, Held};
use crate::protocol::schema::Schema;
use crate::provider::config::Session;
use crate::provider::web_service::blueprint;
use crate::provider::web_service::model::Settings;
use crate::provider::web_service::private::Marker;

/// What a hand-over comes to.
pub enum HandOver {
    /// This state is left standing for the create that follows.
    Kept(Held),
    /// It could not be done: the delete has failed.
    Failed(Answer),
}

pub async fn hand_over(
    schema: &Schema,
    context: &Context,
    session: &Session,
    identity: &Identity,
    prior: Value,
    private: &[u8],
) -> HandOver {
    let mut owner = session.owner(&identity.name, session.tags_all(None));
    owner.generation = Marker::generation(private).unwrap_or_default();
    // A state that failed so early that its settings aren't whole has nothing on anybody's objects.
    let graph = typed::from_value::<Settings>(&prior).map(|settings| blueprint::draw(&settings, &owner));
    let graph = graph.unwrap_or_default();
    owner.hosts = graph.hosts();
    let mut on = Operation::new(schema, context, session, owner, (&prior, "delete"));
    let mut recorded = records(&prior);
    let doomed = doomed(&graph, &Marker::given(private));
    if recorded.keys().any(|key| doomed.contains(key)) {
        let told = clear(&mut on, &doomed, &mut recorded, &prior).await;
        if !told.is_empty() {
            return HandOver::Failed(on.answer(on.partial(prior, &recorded), told));
        }
    }
    let kept = on.partial(prior, &recorded);
    HandOver::Kept(on.held(kept))
}

/// The keys of what must go: all that hangs on given objects other than those that are given again.
fn doomed(graph: &Graph, again: &BTreeSet<String>) -> BTreeSet<String> {
    let given = graph.nodes.iter().filter(|node| node.is_given()).map(|node| &node.key);
    graph.hanging_on(&given.filter(|key| !again.contains(*key)).cloned().collect())
}

/// Deletes these.
async fn clear(
    on: &mut Operation<'_>,
    doomed: &BTreeSet<String>,
    recorded: &mut Records,
    prior: &Value,
) -> Vec<Diagnostic> {
    let name = &on.owner.identity.name.clone();
    let read = match Anchor::read(&on.aws, &on.owner).await {
        Ok(Some(read)) => read,
        Ok(None) => return Vec::new(),
        Err(error) => return vec![diagnose::begin(name, &error)],
    };
    on.owner.hosts.extend(read.record.hosts.iter().cloned());
    if let Err(error) = lease::take(&on.aws, &on.owner, &read, read.record.clone()).await {
        return vec![diagnose::begin(name, &error)];
    }
    let told = match on.survey(Some(recorded)).await {
        Err(told) => told,
        Ok(mut found) => {
            found.retain(|found| doomed.contains(&found.key));
            let outcome = on.run(&Graph::default(), found, recorded, prior).await;
            recorded.retain(|key, _| !doomed.contains(key) || outcome.records.contains_key(key));
            diagnose::steps(&outcome.errors, outcome.skipped, &on.owner.identity)
        }
    };
    let unrecorded = on.release(Status::Creating, false).await;
    told.into_iter().chain(unrecorded).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::graph::{After, Ref};
    use crate::aws::objects::anchor::Anchor as AnchorObject;
    use crate::aws::objects::cluster::Cluster;

    #[test]
    fn what_hangs_on_a_given_object_goes_unless_the_same_is_given_again() {
        let mut graph = Graph::default();
        let ours = graph.add("anchor", AnchorObject {}, ());
        graph.add("kept", Cluster::fargate("disabled"), After(ours));
        let theirs: Ref<AnchorObject> = graph.given("theirs");
        graph.add("cluster", Cluster::fargate("disabled"), After(theirs));
        let key = Graph::given_key::<AnchorObject>("theirs");
        assert_eq!(doomed(&graph, &BTreeSet::new()), BTreeSet::from(["cluster".to_owned()]));
        assert_eq!(doomed(&graph, &BTreeSet::from([key])), BTreeSet::new());
    }
}
