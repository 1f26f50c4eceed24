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

    public SessionsUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
