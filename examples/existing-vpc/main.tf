# A service in a VPC that is there already: nothing of the network is made or changed.
terraform {
  required_providers { fargate = { source = "fargate-rs/fargate" } }
}

variable "vpc_id" {
  description = "ID of the VPC."
  type        = string
}

variable "public_subnet_ids" {
  description = "IDs of its public subnets, in two zones or more, for the load balancer."
  type        = set(string)
}

variable "private_subnet_ids" {
  description = "IDs of its private subnets, with a way out, for the tasks."
  type        = set(string)
}

variable "security_group" {
  description = "ID of a security group that the database lets in."
  type        = string
}

resource "fargate_web_service" "app" {
  name  = "guest"
  image = "public.ecr.aws/nginx/nginx:stable"

  network = {
    vpc_id             = var.vpc_id
    public_subnet_ids  = var.public_subnet_ids
    private_subnet_ids = var.private_subnet_ids
    security_group_ids = [var.security_group]
  }
}

output "url" { value = fargate_web_service.app.url }
