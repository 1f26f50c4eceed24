namespace Sessions;

/// <summary>The session store is not available now. A retry is safe and may help.</summary>
[GenerateSerializer, Alias("sessions.unavailable")]
public sealed class SessionsUnavailableException : Exception
{
    /// <summary>Makes an exception with a default message.</summary>
    public SessionsUnavailableException()
    {
    }

    /// <summary>Makes an exception with a message.</summary>
    public SessionsUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>
    /// The cause is kept as text, not as <see cref="Exception.InnerException"/>. This exception is serialized and sent
    /// to other processes, which may not know the cause's type; an exception with a cause that can't be serialized
    /// would not arrive.
    /// </summary>
    public SessionsUnavailableException(string message, Exception innerException)
        : base($"{message} ({innerException?.GetType().Name}: {innerException?.Message})")
    {
    }
}
