//! What several kinds of objects ask within one look at all of them is asked once: a listener is found by its load balancer,
//! an alias record by its certificate. All of them see the same answer then.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use super::error::{Error, Result};

/// An answer of any type.
type Answer = Arc<OnceCell<Box<dyn Any + Send + Sync>>>;

/// The answers of one look at the objects of one owner. The next look has its own: nothing is remembered from one to another.
#[derive(Debug, Default)]
pub(super) struct Glance(Mutex<BTreeMap<(TypeId, String), Answer>>);

impl Glance {
    /// The answer to this question of this type: asked now, or the one that was given before. Errors are not kept: who comes
    /// next asks again.
    ///
    /// # Errors
    /// Those of asking.
    pub(super) async fn once<T, F>(&self, question: &str, ask: impl FnOnce() -> F) -> Result<T>
    where
        T: Clone + Send + Sync + 'static,
        F: Future<Output = Result<T>>,
    {
        let question = (TypeId::of::<T>(), question.to_owned());
        let answer = Arc::clone(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(question).or_default());
        let known = answer
            .get_or_try_init(|| async { Ok(Box::new(Box::pin(ask()).await?) as Box<dyn Any + Send + Sync>) })
            .await?;
        known.downcast_ref::<T>().cloned().ok_or_else(|| Error::Unexpected("an answer's type".into()))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn a_question_is_asked_once_in_a_look_and_again_after_an_error() {
        let (glance, asked) = (Glance::default(), Cell::new(0));
        let ask = |answer: Result<u8>| {
            let asked = &asked;
            || async {
                asked.set(asked.get() + 1);
                answer
            }
        };
        assert!(glance.once("groups", ask(Err(Error::Stopped))).await.is_err());
        let both = futures::try_join!(glance.once("groups", ask(Ok(1))), glance.once("groups", ask(Ok(2))));
        assert_eq!((both.unwrap(), asked.get()), ((1, 1), 2), "the first answer serves both");
        // Another question, or another type, is another answer; so is another look.
        assert_eq!(glance.once("tables", ask(Ok(3))).await.unwrap(), 3);
        assert_eq!(glance.once("groups", || async { Ok("none") }).await.unwrap(), "none");
        assert_eq!(Glance::default().once("groups", ask(Ok(4))).await.unwrap(), 4);
    }
}
