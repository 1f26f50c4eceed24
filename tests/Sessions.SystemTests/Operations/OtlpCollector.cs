using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Operations;

/// <summary>A span as it went over the wire.</summary>
/// <param name="Source">The name of what made it.</param>
/// <param name="Trace">Its trace, in hexadecimal.</param>
/// <param name="Id">Its id.</param>
/// <param name="Parent">Its parent's id; empty for the first of a trace.</param>
/// <param name="Name">Its name.</param>
internal sealed record CollectedSpan(string Source, string Trace, string Id, string Parent, string Name);

/// <summary>Takes OTLP over gRPC, as a collector does.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private const int GrpcHeader = 5;
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<CollectedSpan> _spans = new();
    private readonly ConcurrentQueue<byte[]> _all = new();
    private int _metrics;

    private OtlpCollector(WebApplication app, int port)
    {
        _app = app;
        Address = $"http://127.0.0.1:{port}";
        app.MapPost("/opentelemetry.proto.collector.trace.v1.TraceService/Export", context => Take(context, ReadSpans));
        app.MapPost("/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", context => Take(context, _ => Interlocked.Increment(ref _metrics)));
    }

    public string Address { get; }

    public IReadOnlyCollection<CollectedSpan> Spans => _spans;

    /// <summary>How often metrics came.</summary>
    public int Metrics => _metrics;

    /// <summary>Where a text is in anything that came: what stands around it.</summary>
    public IEnumerable<string> Around(string text) =>
        from message in _all
        let at = message.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text))
        where at >= 0
        select Encoding.UTF8.GetString(message.AsSpan(Math.Max(at - 60, 0), Math.Min(at, 60) + text.Length));

    public static async Task<OtlpCollector> Start()
    {
        int port = Ports.Free();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddRoutingCore();
        OtlpCollector collector = new(builder.Build(), port);
        await collector._app.StartAsync();
        return collector;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task Take(HttpContext context, Action<byte[]> read)
    {
        using MemoryStream body = new();
        await context.Request.Body.CopyToAsync(body);
        byte[] message = body.ToArray();
        Assert.Equal(0, message[0]);
        message = message[GrpcHeader..(GrpcHeader + (int)BinaryPrimitives.ReadUInt32BigEndian(message.AsSpan(1)))];
        _all.Enqueue(message);
        read(message);
        context.Response.ContentType = "application/grpc";
        await context.Response.Body.WriteAsync(new byte[GrpcHeader]);
        context.Response.AppendTrailer("grpc-status", "0");
    }

    private void ReadSpans(byte[] message)
    {
        foreach (byte[] scoped in Fields(message, 1).SelectMany(resource => Fields(resource, 2)))
        {
            string source = Fields(scoped, 1).SelectMany(scope => Fields(scope, 1)).Select(Encoding.UTF8.GetString).FirstOrDefault("");
            foreach (byte[] span in Fields(scoped, 2))
            {
                _spans.Enqueue(new CollectedSpan(source, Hex(span, 1), Hex(span, 2), Hex(span, 4), Encoding.UTF8.GetString(Fields(span, 5).First())));
            }
        }
    }

    private static string Hex(byte[] message, int field) => Convert.ToHexStringLower(Fields(message, field).FirstOrDefault([]));

    /// <summary>A message's fields of one number that have a length, which is all that is asked for here.</summary>
    private static IEnumerable<byte[]> Fields(byte[] message, int wanted)
    {
        for (int at = 0; at < message.Length;)
        {
            ulong tag = Number(message, ref at);
            switch (tag & 7)
            {
                case 0:
                    Number(message, ref at);
                    break;
                case 1:
                    at += 8;
                    break;
                case 2:
                    int length = (int)Number(message, ref at);
                    if ((int)(tag >> 3) == wanted)
                    {
                        yield return message[at..(at + length)];
                    }

                    at += length;
                    break;
                case 5:
                    at += 4;
                    break;
                default:
                    throw new InvalidDataException($"{tag & 7} is no kind of field.");
            }
        }
    }

    private static ulong Number(byte[] message, ref int at)
    {
        ulong number = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte part = message[at++];
            number |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
            {
                return number;
            }
        }
    }
}
