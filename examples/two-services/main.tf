# Two services on one network, one cluster and one load balancer: the first one owns them, the second is its guest.
terraform {
  required_providers { fargate = { source = "fargate-rs/fargate" } }
}

resource "fargate_web_service" "shop" {
  name  = "shop"
  image = "public.ecr.aws/nginx/nginx:stable"
}

# Requests for /api/ come here.
resource "fargate_web_service" "api" {
  name  = "api"
  image = "public.ecr.aws/nginx/nginx:stable"

  network = {
    vpc_id             = fargate_web_service.shop.vpc_id
    private_subnet_ids = fargate_web_service.shop.private_subnet_ids
  }

  cluster = { arn = fargate_web_service.shop.cluster_arn }

  load_balancer = {
    listener_arn  = fargate_web_service.shop.listener_arn
    path_patterns = ["/api/*"]
  }
}

output "shop" { value = fargate_web_service.shop.url }

output "api" { value = fargate_web_service.api.url }
