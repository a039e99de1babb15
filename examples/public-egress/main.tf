# A service without NAT gateways: tasks have public addresses, and their security group lets in nobody but the load balancer.
terraform {
  required_providers { fargate = { source = "fargate-rs/fargate" } }
}

resource "fargate_web_service" "app" {
  name  = "thrifty"
  image = "public.ecr.aws/nginx/nginx:stable"

  network = {
    egress = "public"
  }
}

output "url" { value = fargate_web_service.app.url }
