"""What is published, as STIX 2.1 objects: a group of them under each marking, nothing of a higher in a lower."""
