using System.Reflection;

namespace Sessions.Host;

/// <summary>Which build this is.</summary>
internal static class ProductVersion
{
    private static readonly string[] Informational =
        (typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0").Split('+', 2);

    /// <summary>The version, such as <c>1.2.0</c>.</summary>
    public static string Number => Informational[0];

    /// <summary>The commit that it was built of; empty where nobody knows.</summary>
    public static string Commit => Informational.Length > 1 ? Informational[1] : "";
}
