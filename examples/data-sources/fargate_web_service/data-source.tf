# Made by another configuration, in another state.
data "fargate_web_service" "shop" {
  name = "shop"
}

# A second service in the same network.
resource "fargate_web_service" "admin" {
  name  = "admin"
  image = "public.ecr.aws/nginx/nginx:stable"

  network = {
    vpc_id             = data.fargate_web_service.shop.vpc_id
    public_subnet_ids  = data.fargate_web_service.shop.public_subnet_ids
    private_subnet_ids = data.fargate_web_service.shop.private_subnet_ids
  }
}
