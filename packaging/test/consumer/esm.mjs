import 'reflect-metadata';
import * as client from '@countersign/client';
import * as testing from '@countersign/client/testing';
import * as contracts from '@countersign/contracts';
import * as expressAdapter from '@countersign/express';
import * as fastifyAdapter from '@countersign/fastify';
import * as honoAdapter from '@countersign/hono';
import * as nestAdapter from '@countersign/nest';
import * as verify from '@countersign/verify';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import exercise from './exercise.cjs';

const results = await exercise({
  ...{ client, testing, contracts, verify },
  express: expressAdapter,
  fastify: fastifyAdapter,
  hono: honoAdapter,
  nest: nestAdapter,
  frameworks: { express, fastify, Hono, Controller, Get, Module, NestFactory },
});
console.log(JSON.stringify(results));
