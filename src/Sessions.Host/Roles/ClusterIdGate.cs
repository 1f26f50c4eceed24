using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Orleans.Configuration;

namespace Sessions.Host.Roles;

/// <summary>
/// Closes connections to a silo that do not begin with its cluster id. Orleans checks the id too, but only after it has
/// answered with its own: whoever connects would learn a secret id, and come again with it.
/// </summary>
internal static class ClusterIdGate
{
    // Orleans' own limit of the first message, which contains the id.
    private const int LongestPreamble = 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Adds the gate to both ports of a silo. With TLS the certificates decide, and it is not needed.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="clusterId">The id.</param>
    public static ISiloBuilder UseClusterIdGate(this ISiloBuilder silo, string clusterId) =>
        silo.Configure<SiloConnectionOptions>(options =>
        {
            byte[] id = Encoding.UTF8.GetBytes(clusterId);
            options.ConfigureSiloInboundConnection(connection => connection.Use(next => context => Pass(context, next, id)));
            options.ConfigureGatewayInboundConnection(connection => connection.Use(next => context => Pass(context, next, id)));
        });

    /// <summary>Passes a connection on, with all of its bytes, if its first message has the id in it.</summary>
    internal static async Task Pass(ConnectionContext context, ConnectionDelegate next, byte[] id)
    {
        using CancellationTokenSource patience = new(Patience);
        if (await Knows(context.Transport.Input, id, patience.Token))
        {
            await next(context);
        }
        else
        {
            context.Abort(new ConnectionAbortedException("The connection does not name this cluster."));
        }
    }

    private static async Task<bool> Knows(PipeReader input, byte[] id, CancellationToken patience)
    {
        try
        {
            while (true)
            {
                ReadResult read = await input.ReadAsync(patience);
                bool? knows = Judge(read.Buffer, id);
                // What was looked at is read again by whoever comes next.
                input.AdvanceTo(read.Buffer.Start, knows is null ? read.Buffer.End : read.Buffer.Start);
                if (knows is { } answer)
                {
                    return answer;
                }

                if (read.IsCompleted)
                {
                    return false;
                }
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException)
        {
            return false;
        }
    }

    /// <summary>Whether the first message has the id in it; null when the message is not there yet.</summary>
    private static bool? Judge(in ReadOnlySequence<byte> arrived, byte[] id)
    {
        if (arrived.Length < sizeof(int))
        {
            return null;
        }

        Span<byte> prefix = stackalloc byte[sizeof(int)];
        arrived.Slice(0, sizeof(int)).CopyTo(prefix);
        int length = BinaryPrimitives.ReadInt32LittleEndian(prefix);
        return length is <= 0 or > LongestPreamble ? false
            : arrived.Length < sizeof(int) + length ? null
            : arrived.Slice(sizeof(int), length).ToArray().AsSpan().IndexOf(id) >= 0;
    }
}
