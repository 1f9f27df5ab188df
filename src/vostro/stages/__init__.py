"""Stages 阶段: how each room of the loop is entered, one file a stage, same shape everywhere."""

from vostro.stages.capture import capture
from vostro.stages.decide import decide
from vostro.stages.insight import insight
from vostro.stages.learn import learn
from vostro.stages.listen import listen
from vostro.stages.portrait import portrait
from vostro.stages.reach import reach

__all__ = ["capture", "decide", "insight", "learn", "listen", "portrait", "reach"]
