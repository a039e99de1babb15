terraform {
  required_providers { fargate = { source = "fargate-rs/fargate" } }
}
resource "fargate_web_service" "app" {
  name  = "hello"
  image = "public.ecr.aws/nginx/nginx:stable"
}
output "url" { value = fargate_web_service.app.url }
