import { gossipsub, StrictNoSign, TopicValidatorResult, type GossipSub } from "@libp2p/gossipsub";
import { createTopicScoreParams } from "@libp2p/gossipsub/score";
import { formatHex } from "../../core/bytes/hex.ts";
import { encodeUtf8 } from "../../core/bytes/utf8.ts";
import { sha256Hash } from "../../core/crypto/tagged-hash.ts";
import { GOSSIP_RPC_BYTES_MAX, GOSSIP_SEND_QUEUE_BYTES_MAX } from "../../wire/limits.ts";
import { paceGossip } from "./pace-gossip.ts";
import { boundJudge, type Judge } from "./topic-validator.ts";

/** Topics a node joins and how often the mesh looks after itself. */
export interface GossipOptions {
  /** Whole names: `/stg/<chain_id>/<topic>`. Others are not even remembered. */
  readonly topics: readonly string[];
  readonly heartbeatMs: number;
}

/** Longer than a message is offered to others (5 heartbeats), short enough that a republished one counts again. */
const SEEN_MS = 60_000;
const NOTHING = new Uint8Array(0);

/**
 * One rejected message costs 10, two cost 40, three 90, four 160. They fade by 3 % a second, and good messages are worth
 * up to 6 against them; below -80 nothing of that peer is read, a second later at most. So it is the third or the fourth
 * of a quick series that ends it, and no slow one: what a connection costs for that is NW-16's.
 */
const TOPIC_SCORE = createTopicScoreParams({
  topicWeight: 1,
  timeInMeshWeight: 0.01,
  timeInMeshQuantum: 1000,
  timeInMeshCap: 100,
  firstMessageDeliveriesWeight: 0.1,
  firstMessageDeliveriesDecay: 0.9,
  firstMessageDeliveriesCap: 50,
  // Topics may be silent for minutes: nobody is punished for delivering little.
  meshMessageDeliveriesWeight: 0,
  meshFailurePenaltyWeight: 0,
  invalidMessageDeliveriesWeight: -10,
  invalidMessageDeliveriesDecay: 0.97,
});

/**
 * gossipsub for networks of 4 to 100 nodes. A message's id is its content's hash, so a copy is never forwarded twice.
 * Nobody signs: a signature would tell every node for good where a stem ended (NW-4). Judges and scores count for the
 * peer that passed a message on, which its connection proves.
 */
export function gossipMesh(options: GossipOptions): ReturnType<typeof gossipsub> {
  const make = gossipsub({
    globalSignaturePolicy: StrictNoSign,
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    fallbackToFloodsub: false,
    floodPublish: true,
    emitSelf: false,
    doPX: false,
    D: 4,
    Dlo: 3,
    Dhi: 8,
    Dscore: 2,
    Dout: 1,
    Dlazy: 4,
    heartbeatInterval: options.heartbeatMs,
    seenTTL: SEEN_MS,
    allowedTopics: [...options.topics],
    maxInboundDataLength: GOSSIP_RPC_BYTES_MAX,
    maxOutboundBufferSize: GOSSIP_SEND_QUEUE_BYTES_MAX,
    maxInboundStreams: 2,
    maxOutboundStreams: 2,
    fastMsgIdFn: (message) => {
      // The first to see a message as it came. The policy passes over this field; forwarded it would be a mark and a weight.
      delete message.from;
      return formatHex(messageId(message.topic, message.data ?? NOTHING));
    },
    msgIdFn: ({ topic, data }) => messageId(topic, data),
    scoreParams: {
      topics: Object.fromEntries(options.topics.map((topic) => [topic, TOPIC_SCORE])),
      // A test network has all its nodes on one machine.
      IPColocationFactorWhitelist: new Set(["127.0.0.1", "::1"]),
    },
  });
  return (components) => paceGossip(make(components));
}

function messageId(topic: string, data: Uint8Array): Uint8Array {
  return sha256Hash(encodeUtf8(topic), Uint8Array.of(0), data);
}

const RESULT = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
} as const;

/** Joins a topic; every message is judged before it goes on. */
export function joinTopic(mesh: GossipSub, topic: string, bytesMax: number, judge: Judge): void {
  const bounded = boundJudge(bytesMax, judge);
  mesh.topicValidators.set(topic, async (peer, message) => {
    const { verdict } = await bounded(message.data, peer.toString());
    return RESULT[verdict];
  });
  mesh.subscribe(topic);
}
