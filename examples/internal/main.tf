# A service for other machines of its network only: the load balancer has no public address.
terraform {
  required_providers { fargate = { source = "fargate-rs/fargate" } }
}

resource "fargate_web_service" "app" {
  name  = "ledger"
  image = "public.ecr.aws/nginx/nginx:stable"

  network = {
    cidr_block = "10.20.0.0/16"
  }

  load_balancer = {
    internal            = true
    allowed_cidr_blocks = ["10.0.0.0/8"]
  }
}

# For a peering or a transit gateway, and for what else is to stand in the network.
output "vpc_id" { value = fargate_web_service.app.vpc_id }

output "url" { value = fargate_web_service.app.url }
