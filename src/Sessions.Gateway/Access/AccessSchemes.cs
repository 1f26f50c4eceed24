namespace Sessions.Gateway.Access;

/// <summary>The names of the two ways in and of what they allow.</summary>
public static class AccessSchemes
{
    /// <summary>Programs send the API key with each request.</summary>
    public const string ApiKey = "ApiKey";

    /// <summary>People give the API key once, at the sign-in page.</summary>
    public const string Cookie = "Cookie";

    /// <summary>The policy of what programs call.</summary>
    public const string ApiPolicy = "Api";

    /// <summary>The policy of what people look at.</summary>
    public const string PagesPolicy = "Pages";
}
