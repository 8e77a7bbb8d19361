require('reflect-metadata');
const { Controller, Get, Module } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const express = require('express');
const fastify = require('fastify');
const { Hono } = require('hono');
const exercise = require('./exercise.cjs');

const packages = {
  client: require('@countersign/client'),
  testing: require('@countersign/client/testing'),
  contracts: require('@countersign/contracts'),
  verify: require('@countersign/verify'),
  express: require('@countersign/express'),
  fastify: require('@countersign/fastify'),
  hono: require('@countersign/hono'),
  nest: require('@countersign/nest'),
  frameworks: { express, fastify, Hono, Controller, Get, Module, NestFactory },
};
void exercise(packages).then((results) => console.log(JSON.stringify(results)));
