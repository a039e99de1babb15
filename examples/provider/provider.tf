# Credentials come from the usual places: environment, profile, SSO, web identity, container or instance.
provider "fargate" {
  region              = "eu-west-3"
  allowed_account_ids = ["123456789012"]

  default_tags = {
    team = "shop"
  }
}
