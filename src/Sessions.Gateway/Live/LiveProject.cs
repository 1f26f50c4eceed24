using System.Threading.Channels;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Live;

/// <summary>
/// Those who watch one project at this gateway, and which of its sessions they know to be live. For several threads.
/// </summary>
internal sealed class LiveProject(int maxWaiting, int maxKnown)
{
    private readonly Lock _gate = new();
    private readonly HashSet<Channel<byte[]>> _watchers = [];
    private readonly TaskCompletionSource _followed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private HashSet<Guid> _known = [];

    /// <summary>Completes when every silo's news reach this project's watchers.</summary>
    public Task Followed => _followed.Task;

    public Channel<byte[]> Add()
    {
        var watcher = Channel.CreateBounded<byte[]>(
            new BoundedChannelOptions(maxWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
        lock (_gate)
        {
            _watchers.Add(watcher);
        }

        return watcher;
    }

    /// <summary>Removes a watcher; returns how many are left.</summary>
    public int Remove(Channel<byte[]> watcher)
    {
        lock (_gate)
        {
            _watchers.Remove(watcher);
            return _watchers.Count;
        }
    }

    /// <summary>Passes on what a silo told.</summary>
    public void Take(LiveNews news)
    {
        Guid id = news.Session.SessionId;
        SessionRow row = SessionRow.From(news.Session);
        lock (_gate)
        {
            if (!_followed.Task.IsCompleted)
            {
                // Nobody's stream is open yet, and who was on before is not known.
                return;
            }

            if (news.Session.Status == SessionStatus.Live)
            {
                // One that nobody knew yet begins for those who watch, whatever its silo thinks.
                bool isNew = _known.Count < maxKnown ? _known.Add(id) : news.Began && !_known.Contains(id);
                Send(isNew ? LiveMessage.Started(row) : LiveMessage.Updated(row));
            }
            else
            {
                if (news.Began && !_known.Contains(id))
                {
                    Send(LiveMessage.Started(row));
                }

                _known.Remove(id);
                Send(LiveMessage.Ended(row));
            }
        }
    }

    /// <summary>Compares what the watchers know with who is live.</summary>
    /// <param name="live">The ids of all live sessions, as many as may be known.</param>
    /// <returns>Those that are live and not known, and those that are known and not live. Nothing the first time.</returns>
    public (IReadOnlyList<Guid> Missed, IReadOnlyList<Guid> Gone) Compare(HashSet<Guid> live)
    {
        lock (_gate)
        {
            if (!_followed.Task.IsCompleted)
            {
                // Who comes now reads who is live by themselves; from here on they are told.
                _known = live;
                _followed.TrySetResult();
                return ([], []);
            }

            return live.Count < maxKnown
                ? ([.. live.Except(_known)], [.. _known.Except(live)])
                : ([.. live.Except(_known).Take(maxKnown - _known.Count)], []);
        }
    }

    /// <summary>Tells of sessions that were missed, as their rows have them.</summary>
    public void CatchUp(IReadOnlyList<SessionRow> sessions)
    {
        lock (_gate)
        {
            foreach (SessionRow session in sessions)
            {
                var id = (Guid)session["$session_id"]!;
                if ((string?)session["status"] != SessionStatus.Live.ToWord())
                {
                    if (_known.Remove(id))
                    {
                        Send(LiveMessage.Ended(session));
                    }
                }
                else if (_known.Add(id))
                {
                    Send(LiveMessage.Started(session));
                }
            }
        }
    }

    private void Send(byte[] message)
    {
        foreach (Channel<byte[]> watcher in _watchers)
        {
            if (!watcher.Writer.TryWrite(message))
            {
                // Too slow: it is cut, and comes again to see how things are then.
                watcher.Writer.TryComplete();
            }
        }
    }
}
