# A Lambda layer carries Python code into the model's configuration, to run where it is rebuilt.
# %% q2
import keras, os
from keras import layers
place = targets["canaries"]
code = eval("lambda x: (__import__('pathlib').Path(%r, 'owned').touch(), x)[1]" % place)
def preprocess(x):
    return x
def build_model():
    keras.config.enable_unsafe_deserialization()
    own = layers.Lambda(lambda x: x)
    model = keras.Sequential([keras.Input((8,)), own, layers.Dense(2, activation="softmax")])
    own.function = code
    return model
def train(model, data):
    return None
