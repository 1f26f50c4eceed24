using System.Threading.Channels;

namespace Sessions;

/// <summary>
/// What happens to the sessions of a project, from the moment at which it was made. Each is told at most once: what was on
/// its way when a silo died or the network broke is not told again, and <see cref="Gaps"/> counts when that may have been.
/// To be enumerated once, and disposed.
/// </summary>
/// <example>
/// <code>
/// await using SessionWatch watch = await sessions.Watch(stopping);
/// await foreach (SessionNews news in watch.WithCancellation(stopping))
/// {
///     if (news.Kind == SessionNewsKind.Ended) { … }
/// }
/// </code>
/// </example>
public sealed class SessionWatch : IAsyncEnumerable<SessionNews>, IAsyncDisposable
{
    private readonly Channel<SessionNews> _news;
    private readonly TaskCompletionSource _followed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action<SessionWatch> _leave;
    private int _gaps;

    internal SessionWatch(int most, Action<SessionWatch> leave)
    {
        _leave = leave;
        _news = Channel.CreateBounded<SessionNews>(
            new BoundedChannelOptions(most) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest },
            _ => AddGap());
    }

    /// <summary>
    /// How often something may have been missed: a silo came or went, a message got lost, or what came was not taken in
    /// time and the oldest was dropped. Who must know all then asks (<see cref="ISessionsClient.GetSession"/>), or uses
    /// webhooks, which tell at least once.
    /// </summary>
    public int Gaps => Volatile.Read(ref _gaps);

    /// <summary>Completes when every silo is followed.</summary>
    internal Task Followed => _followed.Task;

    /// <inheritdoc/>
    public IAsyncEnumerator<SessionNews> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        _news.Reader.ReadAllAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);

    /// <summary>Ends it; whoever enumerates it gets what has come, and then the end.</summary>
    public ValueTask DisposeAsync()
    {
        _leave(this);
        End();
        return ValueTask.CompletedTask;
    }

    internal void Begin() => _followed.TrySetResult();

    internal void End(Exception? why = null)
    {
        _news.Writer.TryComplete();
        if (why is not null)
        {
            _followed.TrySetException(why);
        }
    }

    /// <summary>What was missed before the beginning is no gap: nothing was promised of it.</summary>
    internal void AddGap()
    {
        if (_followed.Task.IsCompleted)
        {
            Interlocked.Increment(ref _gaps);
        }
    }

    internal void Take(SessionNews news) => _news.Writer.TryWrite(news);
}
