"""The model cards of exported folders, read as hubs do."""

from huggingface_hub import ModelCard


def check(folder, library, backbone, metrics=False):
    """The front matter is that of a model card; ModelCardData is strict about the form of model-index."""
    card = ModelCard.load(folder / "README.md")
    data, text = card.data, card.text
    assert data.library_name == library and data.pipeline_tag == "image-feature-extraction", data
    assert "image-similarity" in data.tags and len(set(data.tags)) == len(data.tags), data.tags
    assert f"`{backbone}`" in text and "<no value>" not in card.content, text
    assert bool(data.eval_results) == metrics and (not metrics or data.model_name), data
    for result in data.eval_results or []:
        assert 0 <= result.metric_value <= 1 and result.task_type == data.pipeline_tag, result
    if backbone.startswith("dinov3"):
        assert data.license == "other" and data.license_name == "dinov3-license" and data.license_link.startswith("https://")
        assert "DINOv3" in (folder / "NOTICE").read_text()
    elif (folder / "NOTICE").exists():
        raise AssertionError("a NOTICE of DINOv3's beside another network")
    return data
