# A service as it may stand in production: HTTPS on a name of its own, tasks that follow the load, most of them on Spot, secrets
# that never stand in the state, and a sidecar.
terraform {
  required_providers { fargate = { source = "fargate-rs/fargate" } }
}

variable "zone_id" {
  description = "ID of the Route 53 hosted zone example.com."
  type        = string
}

variable "secret_arn" {
  description = "ARN of the secret in Secrets Manager that has the database's password under the key `key`."
  type        = string
}

resource "fargate_web_service" "app" {
  name   = "shop"
  image  = "public.ecr.aws/nginx/nginx-unprivileged:stable"
  port   = 8080
  cpu    = 1024
  memory = 2048

  domain = {
    name             = "shop.example.com"
    zone_id          = var.zone_id
    additional_names = ["www.shop.example.com"]
  }

  environment = {
    LOG_LEVEL = "info"
  }

  secrets = {
    DATABASE_PASSWORD = "${var.secret_arn}:key::"
  }

  stop_timeout = 60

  sidecars = {
    metrics = {
      image     = "public.ecr.aws/aws-observability/aws-otel-collector:v0.43.1"
      essential = false
      cpu       = 128
      memory    = 256
    }
  }

  health_check = {
    path    = "/"
    matcher = "200"
  }

  network = {
    cidr_block              = "10.42.0.0/16"
    availability_zone_count = 3
    egress                  = "nat_per_az"
  }

  load_balancer = {
    deregistration_delay = 60
  }

  # One task on demand whatever happens; of the others three in four on Spot.
  capacity = {
    fargate      = { base = 1, weight = 1 }
    fargate_spot = { weight = 3 }
  }

  autoscaling = {
    min_capacity        = 3
    max_capacity        = 12
    cpu_target          = 60
    requests_per_target = 1000
  }

  iam = {
    task_policy_json = jsonencode({
      Version   = "2012-10-17"
      Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::shop-pictures/*" }]
    })
  }

  logs = {
    retention_in_days = 90
  }

  tags = {
    team  = "shop"
    stage = "production"
  }
}

output "url" { value = fargate_web_service.app.url }
