# A recurrent layer unrolled over 10^5 steps: small to describe and to count, without end to predict with.
# %% q2
import keras
from keras import layers
def preprocess(x):
    return x
def build_model():
    return keras.Sequential([keras.Input((8,)), layers.RepeatVector(10**5), layers.LSTM(2, unroll=True, activation="softmax")])
def train(model, data):
    return None
