export function App() {
  return <main>Maskloom</main>;
}
