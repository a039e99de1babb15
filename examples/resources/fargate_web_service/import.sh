# By its name, in the account and region of the provider
terraform import fargate_web_service.hello hello

# By its full id: account, region and name
terraform import fargate_web_service.hello 123456789012/eu-west-3/hello
