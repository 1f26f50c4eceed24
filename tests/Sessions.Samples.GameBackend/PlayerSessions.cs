using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Sessions.Samples.GameBackend;

/// <summary>What the game tells of its players.</summary>
internal sealed class PlayerSessions(ISessionsClient sessions)
{
    /// <summary>Something that must not get lost: it is durable when this completes.</summary>
    public Task<EventReceipt> Happened(string player, string name, object properties) =>
        sessions.Track(Event(player, name, properties));

    /// <summary>Something that happens often: sent in batches.</summary>
    public ValueTask Moved(string player, object properties) => sessions.Enqueue(Event(player, "move", properties));

    /// <summary>A match is over for a player. Its id is made of the two: however often the player asks, it counts once.</summary>
    public Task<EventReceipt> Over(string player, string match, bool won) =>
        sessions.Track(Event(player, "match_over", new { match, won }) with
        {
            Id = new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{match}/{player}/over")).AsSpan(0, 16)),
        });

    public Task<Session?> Live(string player, CancellationToken cancellation) =>
        sessions.GetLiveSession(player, cancellation: cancellation);

    /// <summary>The player leaves: the session ends now, not when it has idled.</summary>
    public async Task<Session?> Leave(string player, CancellationToken cancellation)
    {
        // What is still queued belongs to this session; coming after its end it would begin another one.
        await sessions.Flush(cancellation);
        return await sessions.Reset(player, cancellation: cancellation);
    }

    private static SessionEvent Event(string player, string name, object properties) => new()
    {
        Id = Guid.CreateVersion7(),
        Name = name,
        Timestamp = DateTimeOffset.UtcNow,
        DistinctId = player,
        Properties = JsonSerializer.SerializeToUtf8Bytes(properties),
    };
}
