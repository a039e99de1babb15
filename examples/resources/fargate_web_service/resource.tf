# The least: a service with two tasks behind a load balancer, in a network of its own over two zones.
resource "fargate_web_service" "hello" {
  name  = "hello"
  image = "public.ecr.aws/nginx/nginx:stable"
}

# A service with most of what can be set.
resource "fargate_web_service" "shop" {
  name          = "shop"
  image         = "123456789012.dkr.ecr.eu-west-3.amazonaws.com/shop:1.4.2"
  port          = 8080
  cpu           = 512
  memory        = 1024
  desired_count = 3
  command       = ["serve", "--port", "8080"]

  environment = {
    LOG_LEVEL = "info"
  }

  health_check = {
    path                = "/healthz"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }

  network = {
    cidr_block              = "10.42.0.0/16"
    availability_zone_count = 3
    egress                  = "nat_single"
  }

  load_balancer = {
    allowed_cidr_blocks  = ["192.0.2.0/24"]
    idle_timeout         = 120
    deregistration_delay = 30
    deletion_protection  = true
  }

  logs = {
    retention_in_days = 90
  }

  deployment = {
    wait = true
  }

  tags = {
    team = "shop"
  }

  timeouts = {
    create = "45m"
  }
}
