//! The service and its log group, read back.

use super::{Standing, actual};
use crate::aws::objects::log_group::LogGroup;
use crate::aws::objects::service::Service;
use crate::provider::web_service::model::Settings;

pub(super) fn service(settings: &mut Settings, standing: &Standing) {
    if let Some(logs) = actual::<LogGroup>(standing, "log_group") {
        let days = logs.retention_in_days.and_then(|days| u32::try_from(days).ok());
        settings.logs.retention_in_days = days.unwrap_or_default();
    }
    if let Some(service) = actual::<Service>(standing, "service") {
        settings.desired_count = u32::try_from(service.desired_count).ok();
        settings.health_check.grace_period = u32::try_from(service.health_check_grace_period).unwrap_or_default();
    }
}
