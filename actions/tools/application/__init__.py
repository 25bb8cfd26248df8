"""A Spring Boot application."""
