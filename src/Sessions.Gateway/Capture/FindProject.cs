namespace Sessions.Gateway.Capture;

/// <summary>The id of the project that has a token; null when none has.</summary>
/// <exception cref="SessionsUnavailableException">That can't be told now.</exception>
public delegate string? FindProject(string token);
