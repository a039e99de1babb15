# Terraform owns all but the image: a pipeline registers revisions of the task definition and deploys them, and no plan ever
# wants the image back. `image` is what the service is created with.
terraform {
  required_providers { fargate = { source = "fargate-rs/fargate" } }
}

resource "fargate_web_service" "app" {
  name  = "piped"
  image = "public.ecr.aws/nginx/nginx:stable"

  managed_elsewhere = ["image"]
}

# What the pipeline needs to know.
output "cluster_name" { value = fargate_web_service.app.cluster_name }

output "service_arn" { value = fargate_web_service.app.service_arn }
