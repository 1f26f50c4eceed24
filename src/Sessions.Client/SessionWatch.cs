using System.Threading.Channels;

namespace Sessions;

/// <summary>
/// The changes of a project's sessions, from the moment at which the watch was made. Delivery is at most once: a change that
/// was in transit when a silo died or the network broke is lost, and <see cref="Gaps"/> counts when that may have happened.
/// Enumerate a watch once and dispose it.
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
    /// How often changes may have been missed: a silo started or stopped, a message was lost, or the reader was too
    /// slow and the oldest changes were dropped. If you must know every change, read the session
    /// (<see cref="ISessionsClient.GetSession"/>) after a gap, or use webhooks, which deliver at least once.
    /// </summary>
    public int Gaps => Volatile.Read(ref _gaps);

    /// <summary>Completes when every silo has accepted the subscription.</summary>
    internal Task Followed => _followed.Task;

    /// <inheritdoc/>
    public IAsyncEnumerator<SessionNews> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        _news.Reader.ReadAllAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);

    /// <summary>
    /// Ends the watch. An enumeration in progress still yields the changes that have arrived, and then ends.
    /// </summary>
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

    /// <summary>Counts a gap, except before the watch has begun: changes before that are not part of it.</summary>
    internal void AddGap()
    {
        if (_followed.Task.IsCompleted)
        {
            Interlocked.Increment(ref _gaps);
        }
    }

    internal void Take(SessionNews news) => _news.Writer.TryWrite(news);
}
