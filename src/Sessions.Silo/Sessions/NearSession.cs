using Sessions.Domain.Folding;
using Sessions.Silo.Near;

namespace Sessions.Silo.Sessions;

/// <summary>Calls a session on the same silo without a message. A device gets it with the answer to a message.</summary>
internal sealed class NearSession
{
    private readonly NearCalls _calls;
    private SessionActivation? _session;

    /// <summary>Made on the session's scheduler.</summary>
    /// <param name="session">The session.</param>
    /// <param name="clock">The clock.</param>
    public NearSession(SessionActivation session, TimeProvider clock)
    {
        _session = session;
        _calls = new NearCalls(clock);
        SessionId = session.Key.SessionId;
    }

    /// <summary>The session's id.</summary>
    public Guid SessionId { get; }

    /// <summary>Whether the session takes calls this way now.</summary>
    public bool IsOpen => _calls.IsOpen;

    /// <summary>A message has arrived.</summary>
    public void Messaged() => _calls.Messaged();

    /// <summary>The session's grain is being deactivated.</summary>
    public void Close()
    {
        _calls.Close();
        _session = null;
    }

    /// <summary>Appends events; null when the session has been deactivated meanwhile, and took nothing.</summary>
    /// <exception cref="SessionsUnavailableException">They can't be made durable now.</exception>
    public Task<AppendResult?> Append(AppendRequest request) =>
        _calls.Run(static call => ((Call)call!).Run(), new Call(this, request));

    private sealed class Call(NearSession near, AppendRequest request)
    {
        public Task<AppendResult?> Run()
        {
            if (near._session is { } session)
            {
                return session.Append(request)!;
            }

            return Task.FromResult<AppendResult?>(null);
        }
    }
}
