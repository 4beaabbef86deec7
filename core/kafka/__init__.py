"""An event hub as a Kafka client sees it: settings, connection string, connection probe."""
