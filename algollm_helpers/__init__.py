"""The tested code behind AlgoLLM; each chapter imports the module of its own name."""
