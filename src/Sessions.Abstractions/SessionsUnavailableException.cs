namespace Sessions;

/// <summary>The session store can't take or answer something now; trying again later is safe and may help.</summary>
[GenerateSerializer, Alias("sessions.unavailable")]
public sealed class SessionsUnavailableException : Exception
{
    public SessionsUnavailableException()
    {
    }

    public SessionsUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>
    /// The cause is kept as text, not as <see cref="Exception.InnerException"/>: this goes from process to process, to
    /// some that have never heard of the cause's type, and none that can't be written would arrive as anything usable.
    /// </summary>
    public SessionsUnavailableException(string message, Exception innerException)
        : base($"{message} ({innerException?.GetType().Name}: {innerException?.Message})")
    {
    }
}
